/** Bun's own object, in an executable made by it. */
interface BunRuntime {
  unsafe?: { setJITPolicy?(scale: number): void };
}

/** A process that lives longer than this, in ms, is worth compiling for. */
const SHORT_MS = 700;

/**
 * Restores Bun's normal JIT policy after a while. Executables are built with a policy that compiles almost nothing, because most of their
 * processes end within 0.1 s. Does nothing under Node.
 */
export function compileAsUsualLater(): void {
  const { unsafe } = (globalThis as { Bun?: BunRuntime }).Bun ?? {};
  if (unsafe?.setJITPolicy) setTimeout(() => unsafe.setJITPolicy?.(1), SHORT_MS).unref();
}
