// Sends one photograph through Sluice and prints the result.
//
//   npm install
//   node request.js photograph.jpg [BOOTSTRAP_SERVERS] [SCHEMA_REGISTRY_URL]
//
// Nothing here is Sluice's own: kafkajs and the registry client are all that an upstream service needs.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { Kafka, logLevel } from "kafkajs";

const [file, bootstrapServers = "localhost:9092", registryUrl = "http://localhost:8081/apis/ccompat/v7"] =
  process.argv.slice(2);
if (!file) {
  console.error("usage: node request.js FILE [BOOTSTRAP_SERVERS] [SCHEMA_REGISTRY_URL]");
  process.exit(2);
}
const requests = "inference-requests";
const results = "inference-results";

const kafka = new Kafka({ clientId: "node-example", brokers: bootstrapServers.split(","), logLevel: logLevel.ERROR });
const registry = new SchemaRegistry({ host: registryUrl });
const requestId = randomUUID();

// The subject's registered schema, as any service would take it from the registry.
const schemaId = await registry.getLatestSchemaId(`${requests}-value`);
const value = await registry.encode(schemaId, {
  request_id: requestId,
  image_uri: null,
  image_bytes: await readFile(file),
  image_sha256: null,
  model: null,
  model_version: null,
  parameters: {},
  deadline: null,
  metadata: { source: file, client: "node" },
});

const consumer = kafka.consumer({ groupId: `node-example-${requestId}` });
await consumer.connect();
await consumer.subscribe({ topic: results, fromBeginning: true });
const answer = new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error(`no result for ${requestId} within 60 s`)), 60_000);
  consumer
    .run({
      eachMessage: async ({ message }) => {
        const result = await registry.decode(message.value);
        if (result.request_id === requestId) {
          clearTimeout(timer);
          resolve(result);
        }
      },
    })
    .catch(reject);
});

const producer = kafka.producer();
await producer.connect();
await producer.send({ topic: requests, messages: [{ key: requestId, value }] });
await producer.disconnect();

try {
  const result = await answer;
  console.log(JSON.stringify(result, (_, v) => (typeof v === "bigint" ? v.toString() : v), 2));
  process.exitCode = result.status === "SUCCEEDED" ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await consumer.disconnect();
}
