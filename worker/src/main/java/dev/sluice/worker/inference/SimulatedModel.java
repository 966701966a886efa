package dev.sluice.worker.inference;

/** What {@code device: simulated} in model.yaml serves instead of a file. */
final class SimulatedModel implements LoadedModel {
  private final SimulatedDevice device;

  SimulatedModel(SimulatedSettings settings) {
    device = new SimulatedDevice(settings, SimulatedDevice::park);
  }

  @Override
  public GraphSignature signature() {
    return SimulatedGraph.SIGNATURE;
  }

  @Override
  public String platform() {
    return "sluice_simulated";
  }

  @Override
  public Graph newGraph() {
    return new SimulatedGraph(device);
  }

  @Override
  public void close() {}
}
