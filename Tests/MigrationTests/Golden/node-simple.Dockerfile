# files: package.json server.js
FROM node:20-alpine
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm install --production
COPY --chown=node:node . .
EXPOSE 8080
USER node
CMD [ "node", "server.js" ]
