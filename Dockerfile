# Two images from one file, both made of what `mvn package` left in target/:
#   docker build --target worker -t sluice-worker .     the worker alone
#   docker build --target tools  -t sluice-tools  .     the sluice command line

# OpenCV and ONNX Runtime travel in jars. They are unpacked here, and what is for the other
# architecture stays behind.
FROM eclipse-temurin:25-jdk AS libraries
WORKDIR /opt/sluice
COPY worker/target/lib lib
RUN case "$(uname -m)" in x86_64) rm lib/*-linux-arm64.jar ;; aarch64) rm lib/*-linux-x86_64.jar ;; esac
COPY worker/target/sluice-worker-*.jar lib/
COPY deploy/UnpackLibraries.java UnpackLibraries.java
RUN java --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.javacpp.cachedir=/opt/sluice/native/javacpp \
    -cp "lib/*" UnpackLibraries.java native/onnxruntime

FROM eclipse-temurin:25-jre AS base
RUN useradd --uid 10001 --home-dir /opt/sluice --create-home sluice
WORKDIR /opt/sluice
USER sluice

# Owned by who runs it: a checkout made with a strict umask is not readable by others.
FROM base AS tools
COPY --chown=sluice producer-tools/target/lib lib
COPY --chown=sluice producer-tools/target/sluice-producer-tools-*.jar lib/
COPY --chown=sluice deploy/setup.sh setup.sh
ENV CLASSPATH="/opt/sluice/lib/*"
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "dev.sluice.tools.Sluice"]

FROM base AS worker
COPY --from=libraries --chown=sluice /opt/sluice/native native
COPY --from=libraries --chown=sluice /opt/sluice/lib lib
COPY --chown=sluice deploy/health-check.sh health-check.sh
ENV CLASSPATH="/opt/sluice/lib/*" SLUICE_MODELS_REPOSITORY=/models
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["bash", "/opt/sluice/health-check.sh"]
# Exec form: SIGTERM reaches the worker itself, which then drains. Half of the container's memory is
# for the heap, since images and models live outside of it.
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", \
    "-Dorg.bytedeco.javacpp.cachedir=/opt/sluice/native/javacpp", "-Donnxruntime.native.path=/opt/sluice/native/onnxruntime", \
    "dev.sluice.worker.Main"]
