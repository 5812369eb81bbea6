# files: requirements.txt wsgi.py
FROM python:3.12-slim
ENV PYTHONUNBUFFERED 1
WORKDIR /code
COPY requirements.txt /code/
RUN pip install --no-cache-dir -r requirements.txt
COPY . /code/
RUN adduser --system --group web
USER web
EXPOSE 5000
CMD gunicorn --bind 0.0.0.0:5000 wsgi:app
