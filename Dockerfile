# A judge in a container, without torch:
#
#     docker build -t rtlbench .
#     docker run --rm -v "$PWD:/work" rtlbench bench --candidates answers.jsonl --results results/mine
#
# What Docker's profiles leave of the sandbox, and how to have all of it: docs/isolation.md.
FROM debian:12-slim AS tools
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/install-tools.sh /tmp/install-tools.sh
RUN sh /tmp/install-tools.sh && rm -rf /var/lib/apt/lists/* /tmp/install-tools.sh

FROM tools AS wheel
COPY . /src
RUN python3 -m venv /tmp/build \
    && /tmp/build/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheel /src

FROM tools
COPY --from=wheel /wheel /wheel
RUN python3 -m venv /opt/rtlbench \
    && /opt/rtlbench/bin/pip install --no-cache-dir "$(echo /wheel/*.whl)[serve]" \
    && rm -rf /wheel \
    && useradd --create-home judge
ENV PATH=/opt/rtlbench/bin:$PATH
USER judge
WORKDIR /work
ENTRYPOINT ["rtlbench"]
CMD ["doctor"]
