// The city's map: takes what the server sends, asks for what came into view, tells what was chosen.
// Positions travel as world units: Web Mercator, 2^28 whole units a world width (metrics/world.py).
const UNIT_ZOOM = 20;  // at this zoom a pixel is one world unit
const PADDING = 0.12;  // of the view, asked for on each side, so that small pans need nothing

class CityMap {
  static take(map, news) {
    map.city = map.city || new CityMap(map);
    map.city.take(news);
  }

  constructor(map) {
    this.map = map.setMinZoom(2).setMaxZoom(19);
    this.page = null;   // what changes with the page: colors, shading, words
    this.asked = null;  // the last request, so that nothing is asked twice
    this.event = null;  // the last choice: repeated in every message, since one may be overtaken
    this.sent = 0;
    this.tip = L.tooltip({ direction: "auto", offset: [10, 0], opacity: 1, className: "tip" });
    this.areas = new CityMap.Areas(this);
    this.marks = new CityMap.Marks(this).addTo(map);
    this.shape = L.layerGroup().addTo(map);
    map.createPane("shape").style.zIndex = 450;  // above the areas, below the marks
    this.player = new CityMap.Player(this);
    CityMap.choosing(this);
    map.on("zoomanim", (e) => this.ask(e.center, e.zoom));
    map.on("move moveend", () => this.ask(map.getCenter(), map.getZoom()));
    map.on("mousemove", (e) => this.point(e));
    map.on("mouseout", () => this.hide());
    map.on("click", (e) => this.click(e));
    // A frame in a hidden tab has no size yet; the map looks again once it has one.
    new ResizeObserver(() => { map.invalidateSize({ animate: false }); this.look(); })
      .observe(map.getContainer());
  }

  take(news) {
    if (news.page) { this.turn(news.page, news.key); }
    if (news.marks) { this.marks.take(news.marks); }
    if (news.frames) { this.player.take(news.frames); }
    this.start = this.start || news.look;
    this.look();
    if (news.go && news.go.id !== this.gone) {
      this.gone = news.go.id;
      this.map.fitBounds(this.bounds(news.go.box), { maxZoom: 18, animate: !document.hidden });
    }
  }

  turn(page, key) {
    this.page = page;
    this.key = key;
    const style = document.documentElement.style;
    Object.keys(page.colors).forEach((name) => style.setProperty("--" + name, page.colors[name]));
    if (window.frameElement) { window.frameElement.title = page.title; }
    this.map.getContainer().setAttribute("aria-label", page.title);
    this.tiles(page.tiles);
    this.areas.take(page);
    this.player.set(page.player);
    this.outline(page.shape);
    this.marks.draw();
    this.log({ turns: (window.cityMapLog || {}).turns + 1 || 1 });
  }

  // A background of tiles, where the city hosts one.
  tiles(tiles) {
    if (!tiles || this.background) { return; }
    this.background = L.tileLayer(tiles.url, { maxZoom: 19 }).addTo(this.map);
    const said = document.createElement("span");
    said.textContent = tiles.attribution;
    L.control.attribution({ prefix: false }).addTo(this.map).addAttribution(said.innerHTML);
  }

  // The circle or rectangle within which the page counts.
  outline(shape) {
    this.shape.clearLayers();
    if (!shape) { return; }
    const look = { color: this.page.colors.ink, weight: 2, dashArray: "6 4", fill: false,
      interactive: false, pane: "shape" };
    this.shape.addLayer(shape.radius
      ? L.circle(shape.center, { ...look, radius: shape.radius })
      : L.rectangle(shape.corners, look));
  }

  // Looks at where the reader was before, else at the whole city, once there is room to.
  look() {
    if (!this.start || this.looked || !this.map.getSize().x) { return; }
    this.looked = true;
    if (this.start.center) {
      this.map.setView(this.start.center, this.start.zoom, { animate: false });
    } else {
      this.map.fitBounds(this.bounds(this.start.box), { padding: [8, 8], animate: false });
    }
    this.marks.draw();
    this.ask(this.map.getCenter(), this.map.getZoom());
  }

  bounds(box) {
    return L.latLngBounds(this.latLng(box[0], box[3]), this.latLng(box[2], box[1]));
  }

  latLng(x, y) { return this.map.unproject(L.point(x, y), UNIT_ZOOM); }

  units(latLng) {
    const at = this.map.project(latLng, UNIT_ZOOM);
    return [Math.floor(at.x), Math.floor(at.y)];
  }

  level(zoom) { return Math.floor(Math.log2(256 / this.page.cell) + zoom); }

  // Asks while the zoom is still being animated, so that the answer meets its end.
  ask(center, zoom) {
    if (!this.looked || this.player.playing) { return; }
    const half = this.map.getSize().multiplyBy(Math.pow(2, UNIT_ZOOM - zoom) / 2);
    const at = this.map.project(center, UNIT_ZOOM), level = this.level(zoom);
    const has = this.asked || this.marks.covered();
    if (has && has.level === level && inside(around(at, half, 1), has.box)) { return; }
    this.asked = { box: around(at, half, 1 + 2 * PADDING), level: level };
    this.tell();
  }

  choose(kind, what) {
    this.event = { id: Date.now() + "-" + this.sent, kind: kind, what: what };
    this.tell();
  }

  tell() {
    const at = this.map.getCenter();
    this.log({ asked: performance.now() });
    Streamlit.setComponentValue({
      n: ++this.sent, key: this.key || "", event: this.event, view: this.asked,
      look: { center: [at.lat, at.lng], zoom: this.map.getZoom() }
    });
  }

  point(e) {
    const mark = this.marks.hit(e.containerPoint);
    const lines = mark ? this.marks.lines(mark) : this.areas.lines();
    this.map.getContainer().classList.toggle("on-mark", Boolean(mark));
    if (lines) { this.show(lines, mark ? this.latLng(mark.x, mark.y) : e.latlng); }
    else { this.hide(); }
  }

  show(lines, at) {
    const box = document.createElement("div");
    lines.forEach((line, i) => {
      box.appendChild(document.createElement(i ? "div" : "b")).textContent = line;
    });
    this.tip.setLatLng(at).setContent(box).addTo(this.map);
  }

  hide() { this.tip.remove(); }

  click(e) {
    const area = this.areas.clicked(), mark = this.marks.hit(e.containerPoint);
    const keys = e.originalEvent;
    if (this.picking) { this.picking(e.latlng); }
    else if (mark) { this.marks.open(mark); }
    else if (!this.marks.gather() && area !== null) {
      this.choose("area", { id: area, more: keys.ctrlKey || keys.metaKey || keys.shiftKey });
    }
  }

  // For those who measure: when was asked, when drawn, and how many of what.
  log(facts) { window.cityMapLog = Object.assign(window.cityMapLog || {}, facts); }
}

function around(at, half, factor) {
  return [at.x - factor * half.x, at.y - factor * half.y,
    at.x + factor * half.x, at.y + factor * half.y].map(Math.round);
}

function inside(inner, outer) {
  return inner[0] >= outer[0] && inner[1] >= outer[1]
    && inner[2] <= outer[2] && inner[3] <= outer[3];
}
