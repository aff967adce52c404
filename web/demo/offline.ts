import { byId } from "./view/dom.js";

/**
 * Lets a service worker keep the page itself; where there is none, the page works online only. A
 * newer version that waits is offered: it takes over when all tabs are reloaded, so that no page
 * ever runs with files of two versions.
 */
export function keepForOffline(): void {
  // The type says "always there", but outside secure contexts it is not.
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  serviceWorker
    ?.register("../service_worker.js", { scope: "../", updateViaCache: "none" })
    .then((registration) => {
      watch(serviceWorker, registration);
    })
    .catch(() => undefined);
}

function watch(container: ServiceWorkerContainer, registration: ServiceWorkerRegistration): void {
  // The first worker of all takes nothing over that is already open.
  let isReplacing = false;
  const offer = (waiting: ServiceWorker): void => {
    byId("update", HTMLElement).hidden = false;
    byId("update-reload", HTMLButtonElement).onclick = (): void => {
      waiting.postMessage("take-over");
    };
  };
  const look = (): void => {
    if (registration.waiting !== null && registration.active !== null) {
      isReplacing = true;
      offer(registration.waiting);
    }
  };
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  container.addEventListener("controllerchange", () => {
    if (isReplacing) location.reload();
  });
  look();
}
