from scheduling.kinds.dify.concurrency import Places, app_of
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.executor import DifyExecutor

__all__ = ["DifyConfig", "DifyExecutor", "Places", "app_of"]
