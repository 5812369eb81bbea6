# files: go.mod cmd/shipping/ config/defaults.toml
# syntax=docker/dockerfile:1
ARG GO_VERSION=1.24
FROM golang:${GO_VERSION}-bookworm AS compile
WORKDIR /work
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT
RUN --mount=type=cache,target=/go/cache \
    CGO_ENABLED=0 GOOS=linux go build -trimpath \
      -ldflags="-s -w -X main.version=${VERSION} -X main.commit=$COMMIT" \
      -tags netgo,osusergo -o /out/shipping ./cmd/shipping

FROM gcr.io/distroless/static-debian12:nonroot
LABEL org.opencontainers.image.title="shipping" \
      org.opencontainers.image.licenses="MIT"
COPY --from=compile /out/shipping /shipping
COPY --chown=65532:65532 config/defaults.toml /etc/shipping/shipping.toml
EXPOSE 8080 9090/tcp
USER nonroot
ENTRYPOINT ["/shipping"]
CMD ["serve", "--config", "/etc/shipping/shipping.toml"]
