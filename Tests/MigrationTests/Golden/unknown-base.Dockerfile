# files: x/
ARG BASE
FROM $BASE
COPY x /x
CMD /x/start --port $PORT --data "/x/my data"
