// Runs in every frame before anything else and notes, in milliseconds since the epoch, when each
// step of a page's way to its picture was first seen.
(() => {
  const steps = (window.benchmarkSteps = {});
  const note = (name) => { steps[name] = steps[name] || performance.timeOrigin + performance.now(); };
  const shows = (selector) => document.querySelector(selector) !== null;
  function look() {
    if (shows("[data-testid=stApp]")) { note("app"); }
    if (shows("[data-testid=stSkeleton]") || shows("h1")) { note("elements"); }
    if (shows("h1")) { note("title"); }
    if (shows("iframe[title*=st_folium], iframe[title^=Map]")) { note("frame"); }
  }
  if (window === window.top) {
    new MutationObserver(look).observe(document, { subtree: true, childList: true });
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
      constructor(...all) { super(...all); this.addEventListener("message", () => note("message")); }
    };
    return;
  }
  const timer = setInterval(() => {
    if (window.L) { note("leaflet"); }
    const log = window.cityMapLog || {};
    if (log.drawn) { steps.drawn = performance.timeOrigin + log.drawn; clearInterval(timer); }
  }, 2);
})();
