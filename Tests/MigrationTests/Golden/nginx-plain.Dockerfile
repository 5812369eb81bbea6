# files: html/ nginx.conf
# ignore: **/*.map node_modules
FROM nginx:stable
COPY nginx.conf /etc/nginx/nginx.conf
COPY html /usr/share/nginx/html
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
