# files: package.json public/
FROM node:22-bookworm-slim AS deps
WORKDIR /srv/shop
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
FROM node:22-bookworm-slim AS build
WORKDIR /srv/shop
COPY . .
RUN npm ci && npm run build
FROM gcr.io/distroless/nodejs22-debian12
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-old-space-size=512 --enable-source-maps"
WORKDIR /srv/shop
COPY --from=deps /srv/shop/node_modules ./node_modules
COPY --from=build /srv/shop/dist ./dist
COPY public public/
EXPOSE 3000
CMD ["dist/server.js"]
