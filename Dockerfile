# The ingester as an ordinary user; Postgres is another container (see docker-compose.yml).
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/ingester \
 && /opt/ingester/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE schema.sql ./
COPY ingester ingester
COPY config config
COPY seeds seeds
RUN /opt/ingester/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
COPY --from=build /opt/ingester /opt/ingester
ENV PATH=/opt/ingester/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 9464
ENTRYPOINT ["ingester"]
CMD ["run"]
