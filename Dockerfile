# Built in two stages, so that the image that runs has no compiler.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements/run.txt
COPY setup.py pyproject.toml ./
COPY engine engine
RUN /venv/bin/python setup.py --quiet build_ext --inplace && rm -rf build

FROM python:3.11-slim-bookworm
# The volume takes its owner from the folder that is there when it is made.
RUN useradd --system --create-home --home-dir /var/lib/doorstep doorstep \
 && install --directory --owner=doorstep --mode=700 /var/lib/doorstep/data
COPY --from=build /venv /venv
WORKDIR /app
COPY --from=build /app/engine engine
COPY server server
COPY handlers handlers
COPY walkthrough walkthrough
USER doorstep
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/var/lib/doorstep/data ENGINE_COMPILED=1 PYTHONUNBUFFERED=1
VOLUME /var/lib/doorstep/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["/venv/bin/python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["/venv/bin/python", "-m", "server", "serve"]
