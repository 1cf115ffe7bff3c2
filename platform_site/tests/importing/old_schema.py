"""The two old systems' tables, as their documents define them, in words that MySQL and SQLite both take."""

WECHATJOB = """
CREATE TABLE task_configs (id INTEGER PRIMARY KEY, interval_minutes INT, is_active BOOLEAN, last_end_time DATETIME,
    dify_api_key VARCHAR(255), dify_url VARCHAR(500), created_at DATETIME, updated_at DATETIME);
CREATE TABLE task_logs (id INTEGER PRIMARY KEY, interval_minutes INT, execute_time DATETIME, start_time DATETIME,
    end_time DATETIME, status VARCHAR(20), response_data TEXT, error_message TEXT, created_at DATETIME);
INSERT INTO task_configs VALUES (1, 30, 1, '2026-03-01 08:00:00', 'app-old', 'http://dify.example.com/v1/workflows/run',
    '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO task_configs VALUES (2, 5, 0, NULL, NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO task_logs VALUES (1, 30, '2026-03-01 07:30:02', '2026-03-01 07:00:00', '2026-03-01 07:30:00', 'success',
    '{"text": "好"}', NULL, '2026-03-01 07:30:09');
INSERT INTO task_logs VALUES (2, 30, '2026-03-01 08:00:01', '2026-03-01 07:30:00', '2026-03-01 08:00:00', 'failed',
    'event: ping', 'HTTP 500', '2026-03-01 08:00:02');
INSERT INTO task_logs VALUES (3, 30, '2026-03-01 08:30:01', '2026-03-01 08:00:00', '2026-03-01 08:30:00', 'running',
    NULL, NULL, '2026-03-01 08:30:01');
INSERT INTO task_logs VALUES (4, 30, NULL, NULL, NULL, 'failed', NULL, NULL, NULL)
"""

PLATFORM = """
CREATE TABLE platform_scheduled_tasks (id INTEGER PRIMARY KEY, tenant_id VARCHAR(50), task_name VARCHAR(100) NOT NULL,
    task_desc VARCHAR(500), schedule_type VARCHAR(10) NOT NULL, time_points TEXT, cron_expression VARCHAR(100),
    timezone VARCHAR(50), execution_type VARCHAR(10) NOT NULL, webhook_url VARCHAR(500), script_content TEXT,
    script_deps TEXT, input_params TEXT, retry_count INT, retry_interval INT, alert_on_failure INT,
    alert_webhook VARCHAR(500), notify_channels TEXT, notify_wecom_app_id INT, is_enabled INT, last_run_at DATETIME,
    last_run_status VARCHAR(10), last_run_message TEXT, created_at DATETIME, updated_at DATETIME);
CREATE TABLE platform_task_notify_channels (id INTEGER PRIMARY KEY, tenant_id VARCHAR(50) NOT NULL,
    channel_name VARCHAR(100) NOT NULL, channel_type VARCHAR(20) NOT NULL, webhook_url VARCHAR(500) NOT NULL,
    sign_secret VARCHAR(200), description VARCHAR(255), is_enabled INT, created_at DATETIME, updated_at DATETIME);
CREATE TABLE platform_task_logs (id BIGINT PRIMARY KEY, task_id INT NOT NULL, tenant_id VARCHAR(50),
    trace_id VARCHAR(100), status VARCHAR(10), started_at DATETIME, finished_at DATETIME, duration_ms INT, output TEXT,
    error TEXT, retry_count INT, created_at DATETIME);
CREATE TABLE platform_secrets (id INTEGER PRIMARY KEY, tenant_id VARCHAR(50), secret_key VARCHAR(100),
    secret_value TEXT);
CREATE TABLE platform_script_vars (id INTEGER PRIMARY KEY, task_id INT, tenant_id VARCHAR(50), var_key VARCHAR(100),
    var_value TEXT);
INSERT INTO platform_task_notify_channels VALUES (7, 'acme', 'ops', 'dingtalk_bot',
    'https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef', 'SEC-old', NULL, 1, NULL, NULL);
INSERT INTO platform_task_notify_channels VALUES (8, 'acme', 'broken', 'wecom_bot', 'not an address', NULL, NULL, 1,
    NULL, NULL);
INSERT INTO platform_scheduled_tasks VALUES (11, 'acme', 'daily', NULL, 'simple', '["08:00", "12:00"]', NULL,
    'Asia/Shanghai', 'script', NULL, 'result = 1', NULL, '{"a": 1}', 2, 30, 1, 'https://example.com/alert', '[7, 8]', 5,
    1, '2026-03-01 08:00:00', 'success', 'ok', NULL, NULL);
INSERT INTO platform_scheduled_tasks VALUES (12, NULL, 'weekly', NULL, 'cron', NULL, '0 9 * * 1', NULL, 'webhook',
    'https://example.com/run', NULL, NULL, NULL, 0, 60, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO platform_scheduled_tasks VALUES (13, 'acme', 'wrong', NULL, 'cron', NULL, '61 9 * * *', NULL, 'webhook',
    'https://example.com/run', NULL, NULL, NULL, 0, 60, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO platform_task_logs VALUES (100, 11, 'acme', 'trace-1', 'success', '2026-03-01 08:00:00',
    '2026-03-01 08:00:02', 2000, 'done', NULL, 0, '2026-03-01 08:00:00');
INSERT INTO platform_task_logs VALUES (101, 11, 'acme', 'trace-1', 'failed', '2026-03-01 12:00:00', NULL, NULL, NULL,
    'boom', 2, '2026-03-01 12:00:00');
INSERT INTO platform_task_logs VALUES (102, 99, 'acme', 'trace-2', 'success', '2026-03-01 12:00:00', NULL, NULL, NULL,
    NULL, 0, '2026-03-01 12:00:00');
INSERT INTO platform_secrets VALUES (1, 'acme', 'token', 'hidden-value');
INSERT INTO platform_script_vars VALUES (1, 11, 'acme', 'last', '{"n": 3}');
INSERT INTO platform_script_vars VALUES (2, 99, 'acme', 'last', '1')
"""

GUESSED = """
CREATE TABLE platform_tenants (id INTEGER PRIMARY KEY, code VARCHAR(50), name VARCHAR(100), created_at DATETIME);
CREATE TABLE platform_tenant_configs (id INTEGER PRIMARY KEY, tenant_id VARCHAR(50), app_code VARCHAR(50),
    config_key VARCHAR(100), config_value TEXT);
CREATE TABLE platform_wecom_apps (id INTEGER PRIMARY KEY, tenant_id VARCHAR(50), app_name VARCHAR(100),
    corp_id VARCHAR(64), agent_id INT, secret VARCHAR(200), to_user VARCHAR(500), created_at DATETIME);
INSERT INTO platform_tenants VALUES (1, 'acme', 'Acme', '2025-06-01 08:00:00');
INSERT INTO platform_tenant_configs VALUES (1, 'acme', 'crm', 'base_url', 'https://crm.example.com');
INSERT INTO platform_wecom_apps VALUES (5, 'acme', 'app', 'ww0123', 1000002, 'hidden-secret', 'a|b',
    '2025-06-01 08:00:00')
"""
