# One image for every role; the command says which (docker-compose.yml, deploy/kubernetes/).
#
#   docker build -t task-platform:0.2.0 .
#   docker build -t task-platform:0.2.0 --build-arg REQUIREMENTS="production otel" .       with OpenTelemetry
#
# The base is pinned by its tag, not by digest: where this file is checked no registry can be asked for one.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS build
# Debian keeps no old versions to pin: the base's tag is the pin.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libmariadb-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements/*.txt /requirements/
ARG REQUIREMENTS="production"
RUN for name in $REQUIREMENTS; do \
        /opt/venv/bin/pip install --require-hashes -r "/requirements/$name.txt" || exit 1; \
    done

FROM python:${PYTHON}
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-wqy-microhei libmariadb3 tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 platform \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp platform \
    && install -d -o platform -g platform -m 700 /var/lib/platform /var/lib/platform/script-envs
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PLATFORM_HOST=0.0.0.0 \
    PLATFORM_DATA_DIR=/var/lib/platform \
    STATIC_ROOT=/app/static \
    ALIVE_FILE=/tmp/alive
# A checkout may be for its owner's eyes only (umask 077), the image's user is another one.
# Keys of no use afterwards: collectstatic loads the settings, which refuse to load without.
RUN chmod -R a+rX /app \
    && python -m compileall -q /app \
    && SECRET_KEY=build ENCRYPTION_KEYS="$(python -c 'from common.crypto import new_key; print(new_key())')" \
       python manage.py collectstatic --noinput
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "platform_site.web"]
HEALTHCHECK --start-period=30s CMD ["deploy/healthy", "web"]
