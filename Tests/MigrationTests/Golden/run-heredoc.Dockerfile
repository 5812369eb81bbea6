# files: app/ ca/corp.crt
# syntax=docker/dockerfile:1.7
FROM debian:12-slim
RUN <<EOT bash
  set -e
  apt-get update
  apt-get install -y curl tzdata
  mkdir -p /opt/tool
  curl -sSL https://dl.example/tool.tgz | tar xz -C /opt/tool
EOT
COPY ca/corp.crt /usr/local/share/ca-certificates/
RUN update-ca-certificates
COPY app /opt/app
CMD ["/opt/app/run", "it all"]
