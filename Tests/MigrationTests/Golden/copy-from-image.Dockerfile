# files: conf/app.ini main!
FROM alpine:3.20
COPY --from=busybox:1.36-musl /bin/busybox /bin/busybox
COPY --from=ghcr.io/example/tools:2 /opt/tools/ /opt/tools/
ADD https://example.org/geo.mmdb /data/
ADD vendor.tar.gz /opt/
COPY main /main
COPY conf/app.ini conf/extra.ini /etc/app/
HEALTHCHECK --start-period=1m CMD wget -q -O - http://localhost:8080/ || exit 1
ENTRYPOINT ["/main"]
