# files: build/libs/
FROM registry.access.redhat.com/ubi9/openjdk-21-runtime:1.20
COPY --chown=185 build/libs/ /deployments/
RUN chgrp -R 0 /deployments && chmod -R g=u /deployments
EXPOSE 8080
USER 185
ENV JAVA_OPTS_APPEND="-Dquarkus.http.host=0.0.0.0"
