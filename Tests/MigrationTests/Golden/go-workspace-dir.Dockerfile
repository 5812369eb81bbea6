# files: services/quote/go.mod services/quote/main.go
FROM golang:1.24 AS build
COPY services/quote /src/quote
RUN cd /src/quote && CGO_ENABLED=1 go install -mod=vendor .
FROM gcr.io/distroless/base-debian12
COPY --from=build /go/bin/quote /
CMD ["/quote"]
