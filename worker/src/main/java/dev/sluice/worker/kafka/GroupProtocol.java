package dev.sluice.worker.kafka;

/** How members of a consumer group agree on who reads what. */
public enum GroupProtocol {
  /** Decided by the brokers, partition by partition (KIP-848). */
  CONSUMER,
  /** Decided by a member; used with the cooperative sticky assignor. */
  CLASSIC
}
