FROM postgres:16
ENV POSTGRES_DB=shop
