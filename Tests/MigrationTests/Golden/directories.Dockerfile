# files: bin/agent!
FROM debian:13-slim
RUN set -eux; \
    mkdir -p -m 0750 /var/lib/agent /run/agent; \
    install -d -o 7000 -g 7000 /var/log/agent; \
    chown 7000:7000 /var/lib/agent; \
    chmod 1777 /run/agent; \
    ln -sf /usr/bin/agent /usr/local/bin/agentctl
COPY bin/agent /usr/bin/agent
RUN chmod +x /usr/bin/agent && setcap cap_net_bind_service=+ep /usr/bin/agent
USER 7000
ENTRYPOINT ["/usr/bin/agent"]
