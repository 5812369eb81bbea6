# files: server!
FROM debian:13-slim
ARG PORT=8080
WORKDIR /srv
COPY server ./
COPY <<EOF /etc/app.conf
port = $PORT
name = "${NAME:-app}"
EOF
COPY --chown=65532:0 --chmod=0750 <<'START' <<END ./
#!/bin/sh
exec ./server "$@"
START
  indented
END
COPY <<-TABS /etc/tabs
	one
		two

TABS
COPY <<EOF /etc/unknown
$HOSTNAME
EOF
COPY <<"EOF" /usr/local/bin/check
echo "${HOME} $$"
EOF
RUN chmod +x /usr/local/bin/check && chown 1000:1000 /etc/tabs
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a/tool-1.0.tgz?x=1 /opt/
ADD https://example.com/tool /usr/bin/tool
ADD https://example.com/ /srv/
ADD git@example.com:a/b.git /src
USER 65532
ENTRYPOINT ["/srv/server"]
