# One image for every service and the command line; docker-compose.yml says which module a container runs.
FROM python:3.12-slim AS build
RUN python -m venv /venv
COPY requirements/run.txt /src/requirements/
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /src/requirements/run.txt
COPY pyproject.toml README.md LICENSE /src/
COPY shared /src/shared/
COPY services /src/services/
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps /src

FROM python:3.12-slim
# A fixed number, so that volumes keep their owner from one image to the next.
RUN groupadd --gid 10001 khobor \
    && useradd --uid 10001 --gid khobor --no-create-home --shell /usr/sbin/nologin khobor \
    && install --directory --owner khobor --group khobor /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
USER khobor
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m"]
CMD ["services.api"]
