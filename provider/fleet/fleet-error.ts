import { Failure } from "../kit/failure";

/** Why a source could not be read. */
export class FleetError extends Failure {
  constructor(
    readonly summary: string,
    readonly detail: string,
  ) {
    super({ summary, detail }, {}, `${summary}\n${detail}`);
  }
}
