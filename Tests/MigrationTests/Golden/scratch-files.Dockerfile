# files: rootfs/ server!
FROM scratch
COPY server /bin/server
COPY rootfs /
COPY --chown=1000:1000 --chmod=0600 secret.key /etc/server/key
ENV MODE=live
USER 1000:1000
WORKDIR /var/empty
EXPOSE 7000/udp
ENTRYPOINT ["/bin/server"]
CMD ["-v"]
