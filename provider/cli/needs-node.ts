import { nodeProblem } from "../kit/node-version";

// Loaded before everything else: what follows may use what an old Node.js does not have, and would blame the network for it.
const problem = nodeProblem(process.versions.node, process.execPath);
if (problem !== null) {
  process.stderr.write(`Error: ${problem}\n`);
  process.exit(1);
}
