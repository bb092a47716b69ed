import type { Lost } from "./context-tree";
import type { ContextWarning } from "./context-warning";
import { listed } from "./left-out";

/**
 * Links and special files that a copied folder holds and that cannot be sent. Docker builds such a folder: links come into the image as links, wherever they
 * lead. Daytona's builder makes empty files of links, so what a link leads to is sent in its place, and a link that leads to nothing is left out.
 */
export class LostFiles {
  private readonly links = new Map<string, string>();
  private readonly special = new Map<string, string>();

  /** @param ignoreFile how a message names the ignore file */
  constructor(private readonly ignoreFile: string) {}

  add(path: string, found: Lost): void {
    if (found.found === "special" && found.path === path) this.special.set(path, found.kind);
    else this.links.set(path, this.where(found));
  }

  warnings(): ContextWarning[] {
    const list = (found: ReadonlyMap<string, string>): string =>
      listed([...found].map(([path, what]) => `${JSON.stringify(path)} (${what})`));
    const warnings: ContextWarning[] = [];
    if (this.links.size > 0)
      warnings.push({
        summary: "Symlinks are left out of the build context",
        detail:
          `Symlinks whose targets are not sent are left out of the build context: ${list(this.links)}. The image will not have them, because the builder turns symlinks into ` +
          `empty files. If the image needs one, create it with RUN ln -s; if not, add it to ${this.ignoreFile} to end this warning.`,
      });
    if (this.special.size > 0)
      warnings.push({
        summary: "Special files are left out of the build context",
        detail: `Sockets, named pipes and devices in the build context are left out: ${list(this.special)}. Add them to ${this.ignoreFile} to end this warning.`,
      });
    return warnings;
  }

  private where(found: Lost): string {
    switch (found.found) {
      case "nothing":
        return `to ${JSON.stringify(found.path)}, which does not exist`;
      case "special":
        return `to ${JSON.stringify(found.path)}, a ${found.kind}`;
      case "outside":
        return `to ${JSON.stringify(found.target)}, outside of the build context`;
      case "loop":
        return "to itself, or to a folder that contains it";
      case "ignored":
        return `to ${JSON.stringify(found.path)}, which line ${found.rule.line} of ${this.ignoreFile} excludes`;
    }
  }
}
