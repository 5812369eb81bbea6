# files: go.mod main.go templates/ static/app.css
FROM golang:1.24-alpine AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build
RUN sed -i 's/dev/live/' static/app.css
FROM gcr.io/distroless/static-debian12
WORKDIR /srv
COPY --from=build /src/board ./
COPY --from=build /src/templates ./templates
COPY --from=build --chmod=444 /src/static/app.css static/
EXPOSE 8000
CMD ["./board"]
