# files: dist/
ARG REGISTRY=registry.example/base
ARG RUNTIME
FROM ${REGISTRY}/runtime:${RUNTIME:-2024}
ARG REVISION
ARG PORT=9000
LABEL revision=$REVISION team="core"
ENV PORT=$PORT HOST=${HOST:-0.0.0.0}
COPY dist /app
EXPOSE $PORT
CMD ["/app/main"]
