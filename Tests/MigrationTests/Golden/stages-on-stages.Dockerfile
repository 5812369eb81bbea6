# files: tool!
FROM debian:13-slim AS base
ENV APP_HOME=/srv/tool LANG=C.UTF-8
WORKDIR $APP_HOME
FROM base AS dev
RUN apt-get install -y gdb
FROM base
COPY tool ./
ENV PATH=$APP_HOME:$PATH
ENTRYPOINT ["tool"]
