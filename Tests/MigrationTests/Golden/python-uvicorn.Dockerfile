# files: requirements.txt app/
FROM python:3.13-slim AS wheels
COPY requirements.txt .
RUN pip wheel --no-cache-dir -w /wheels -r requirements.txt
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels pip install --no-index --find-links=/wheels /wheels/*.whl
RUN useradd --create-home --uid 1000 web
WORKDIR /home/web/app
COPY --chown=web:web app ./app
COPY --chmod=755 <<'SH' /usr/local/bin/start
#!/bin/sh
set -e
exec uvicorn app.main:api --host 0.0.0.0 --port "${PORT:-8000}"
SH
USER 1000:1000
CMD ["start"]
