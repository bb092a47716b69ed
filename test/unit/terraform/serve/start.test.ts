import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { X509Certificate } from "node:crypto";
import { createProvider } from "../../../../provider/terraform/provider";
import { schemaAnswer } from "../../../../provider/terraform/schema-answer.gen";
import { createCertificate } from "../../../../provider/kit/certificate";
import { listen } from "../../../../provider/terraform/serve/listen";
import { providerSchema } from "../../../../provider/terraform/serve/provider-rpcs";
import { createCalls, createServer, injector } from "../../../../provider/terraform/serve/server";
import { GetProviderSchema_Response, ProviderClient } from "../../../../provider/terraform/wire/generated/tfplugin6";
import { Redactor } from "../../../../provider/tool/redactor";
import { toyProvider } from "./toy";

const toy = toyProvider("toys.json");
const calls = createCalls(
  () => Promise.resolve(toy),
  new Redactor([]),
  () => undefined,
);
const client = (address: string, channel: ChannelCredentials): ProviderClient =>
  new ProviderClient(`unix:${address}`, channel);
const metadata = (of: ProviderClient): Promise<string[]> =>
  new Promise((resolve, reject) =>
    of.getMetadata({}, (error, answer) => (error ? reject(error) : resolve(answer.resources.map((r) => r.typeName)))),
  );

test.each(["without TLS", "with TLS"])("%s, a call that comes before gRPC is loaded waits for it", async (kind) => {
  const [ours, theirs] = await Promise.all([createCertificate(new Date()), createCertificate(new Date(), "P-521")]);
  const tls = kind === "with TLS";
  const listening = await listen({}, process.platform, tls ? { ...ours, clientCertPem: theirs.certPem } : undefined);
  const early = client(
    listening.address,
    tls
      ? credentials.createSsl(Buffer.from(ours.certPem), Buffer.from(theirs.keyPem), Buffer.from(theirs.certPem))
      : credentials.createInsecure(),
  );
  const asked = metadata(early);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const server = createServer(calls, () => undefined);
  listening.serve(injector(server));
  expect(await asked).toEqual(["toy_thing"]);
  early.close();
  server.forceShutdown();
  listening.close();
});

test("the schema that is encoded at build time is the provider's own", () => {
  const made = GetProviderSchema_Response.encode(providerSchema(createProvider({}))).finish();
  expect(Buffer.from(schemaAnswer, "base64").equals(Buffer.from(made))).toBe(true);
});

// A number of a signature begins with a zero byte or a high bit now and then, and each has its own form in DER.
test("a certificate's signature is valid whatever its numbers begin with", async () => {
  for (let i = 0; i < 300; i++) {
    const certificate = new X509Certificate((await createCertificate(new Date())).certPem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  }
  const largest = new X509Certificate((await createCertificate(new Date(), "P-521")).certPem);
  expect(largest.verify(largest.publicKey)).toBe(true);
});
