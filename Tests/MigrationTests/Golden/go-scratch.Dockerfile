# files: go.mod main.go
FROM golang:1.23-alpine AS b
RUN apk add --no-cache git ca-certificates tzdata \
 && adduser -D -g '' -u 10001 runner
WORKDIR /w
COPY . .
RUN CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o /w/bin/gate . && strip /w/bin/gate
FROM scratch
COPY --from=b /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=b /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=b /etc/passwd /etc/group /etc/
COPY --from=b --chmod=0755 /w/bin/gate /gate
USER runner
ENV TZ=Europe/Madrid PORT=8080
ENTRYPOINT /gate -listen ":$PORT"
