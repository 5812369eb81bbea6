# files: service!
FROM debian:12
COPY service /opt/service/bin/service
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV OPTS="-a -b"
ENTRYPOINT exec /opt/service/bin/service $OPTS | tee /log
CMD ["ignored"]
