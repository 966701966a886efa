# Two images from one file, both made of what `mvn package` left in target/:
#   docker build --target worker -t sluice-worker .     the worker alone
#   docker build --target tools  -t sluice-tools  .     the sluice command line
FROM eclipse-temurin:25-jre AS base
# The OpenCV and ONNX Runtime libraries travel in jars and are unpacked once into this folder.
ENV JAVA_TOOL_OPTIONS="-Dorg.bytedeco.javacpp.cachedir=/opt/sluice/native"
RUN useradd --system --uid 10001 --home-dir /opt/sluice --create-home sluice && mkdir -p /opt/sluice/native /models && chown sluice /opt/sluice/native
WORKDIR /opt/sluice

FROM base AS worker
COPY worker/target/lib lib
COPY worker/target/classes classes
COPY deploy/health-check.sh health-check.sh
USER sluice
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["bash", "/opt/sluice/health-check.sh"]
# exec form: SIGTERM reaches the worker itself, which then drains.
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "-XX:MaxRAMPercentage=50", "-cp", "/opt/sluice/classes:/opt/sluice/lib/*", "dev.sluice.worker.Main"]

FROM base AS tools
COPY producer-tools/target/lib lib
COPY producer-tools/target/classes classes
USER sluice
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "-cp", "/opt/sluice/classes:/opt/sluice/lib/*", "dev.sluice.tools.Sluice"]
