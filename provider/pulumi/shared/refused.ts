import { Failure, type FailureDetails } from "../../kit/failure";

/** Ends a call with a message for the user and without a result. */
export class Refused extends Failure {
  constructor(message: string, details?: FailureDetails) {
    super({ summary: message, detail: "" }, details);
  }
}
