import { serve } from "../../../../provider/terraform/serve/serve";
import { toyProvider } from "./toy";

void serve(() => toyProvider(process.env.TOY_FILE ?? "toys.json"));
