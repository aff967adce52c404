/** Lets a service worker keep the page itself; where there is none, the page works online only. */
export function keepForOffline(): void {
  // The type says "always there", but outside secure contexts it is not.
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  serviceWorker?.register("../service_worker.js", { scope: "../" }).catch(() => undefined);
}
