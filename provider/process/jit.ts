/** Bun's own object, in an executable made by it. */
interface BunRuntime {
  unsafe?: { setJITPolicy?(scale: number): void };
}

/** How long a process counts as a short one, ms. */
const SHORT_MS = 700;

/**
 * Executables start with a JIT policy under which hardly anything is compiled: most of their processes end within 0.1 s. One that lives
 * longer has work to do, and gets Bun's normal policy. Does nothing under Node.
 */
export function compileAsUsualLater(): void {
  const { unsafe } = (globalThis as { Bun?: BunRuntime }).Bun ?? {};
  if (unsafe?.setJITPolicy) setTimeout(() => unsafe.setJITPolicy?.(1), SHORT_MS).unref();
}
