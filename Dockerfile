# Grades on macOS, Windows or any machine with a container engine; see GUIDE.md.
#   docker build -t course .
#   docker run --rm -v "$PWD:/course" -v /course/.venv course grade
# The first volume is your clone, with submitted/ and the course's secret; the second keeps the image's environment.
FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap && rm -rf /var/lib/apt/lists/*
WORKDIR /course
COPY . .
RUN ./course build --check
RUN ./course doctor
ENTRYPOINT ["./course"]
CMD ["doctor"]
