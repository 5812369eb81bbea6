# files: package.json nginx/gzip.conf nginx/site.conf
FROM node:lts AS site
WORKDIR /site
COPY . /site
RUN corepack enable && pnpm install --frozen-lockfile && pnpm build
FROM nginxinc/nginx-unprivileged:1.27-alpine
COPY --from=site /site/dist /usr/share/nginx/html
COPY nginx/*.conf /etc/nginx/conf.d/
