package dev.sluice.tools.dlt;

/** Why a dead letter is not sent again although it is meant. */
enum Refusal {
  REPLAYED_TOO_OFTEN(
      "sent again too often already",
      "Look at why they come back, or raise the limit for them alone: --min-replays N --max-replays"
          + " M."),
  PAYLOAD_OMITTED(
      "without payload, which was too large for the dead-letter topic",
      "The record itself stands where kafka_dlt-original-topic, -partition and -offset say, while"
          + " that topic keeps it."),
  ORIGINAL_TOPIC_UNKNOWN(
      "do not say which topic they came from", "Say where they go: --original-topic and --to."),
  TOPIC_MISSING(
      "their topic does not exist",
      "Create it, or say where they go with --to; choose them alone with --original-topic TOPIC."),
  TOPIC_NOT_FOR_REQUESTS(
      "name a topic that holds results, dead letters or the brokers' own records",
      "Somebody forged them; --to says where they go instead."),
  TOO_LARGE(
      "larger than their topic takes",
      "Raise max.message.bytes of the topic, and choose them alone with --id.");

  private final String description;
  private final String remedy;

  Refusal(String description, String remedy) {
    this.description = description;
    this.remedy = remedy;
  }

  /** What is the matter with those, in words. */
  String description() {
    return description;
  }

  /** What to do about it. */
  String remedy() {
    return remedy;
  }
}
