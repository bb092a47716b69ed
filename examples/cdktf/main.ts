import { App } from "cdktf";
import { AgentStack } from "./stack";

const app = new App();
new AgentStack(app, "quickstart");
app.synth();
