// Choosing a part of the city: a rectangle dragged with shift, or a circle around a point.
CityMap.choosing = function (city) {
  const map = city.map;

  // Leaflet zooms into such a rectangle; here it is what is chosen.
  const Rectangle = L.Map.BoxZoom.extend({
    _onMouseUp: function (e) {
      if (e.which !== 1 && e.button !== 1 && e.button !== 0) { return; }
      this._finish();
      if (!this._moved) { return; }
      this._clearDeferredResetState();
      this._resetStateTimeout = setTimeout(L.Util.bind(this._resetState, this), 0);
      const one = map.containerPointToLatLng(this._startPoint);
      const other = map.containerPointToLatLng(this._point);
      city.choose("box", [Math.min(one.lng, other.lng), Math.min(one.lat, other.lat),
        Math.max(one.lng, other.lng), Math.max(one.lat, other.lat)]);
    }
  });
  map.boxZoom.disable();
  map.boxZoom = new Rectangle(map);
  map.boxZoom.enable();

  const Around = L.Control.extend({
    options: { position: "topleft" },
    onAdd: function () {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      const button = L.DomUtil.create("button", "around", bar);
      button.type = "button";
      button.title = "Around a point: choose it on the map";
      button.setAttribute("aria-label", button.title);
      button.setAttribute("aria-pressed", "false");
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", (e) => {
        // From the keyboard there is no pointer to choose with: the middle of the map is meant.
        if (e.detail === 0) { pick(map.getCenter()); } else { turn(!city.picking); }
      });
      const turn = (on) => {
        city.picking = on ? pick : null;
        button.setAttribute("aria-pressed", String(on));
        map.getContainer().classList.toggle("picking", on);
      };
      const pick = (at) => { turn(false); city.choose("point", [at.lng, at.lat]); };
      return bar;
    }
  });
  new Around().addTo(map);
};
