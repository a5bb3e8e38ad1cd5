"""A Streamlit session without a browser: its websocket and its protocol, as the front end talks.

The protocol is Streamlit's own and not promised to stay; this follows the version that
requirements.txt pins. ``websockets`` comes with Streamlit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

FOLIUM = "streamlit_folium.st_folium"
DONE = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}


@dataclass(frozen=True)
class Answer:
    """One run of the script or of a fragment.

    Attributes
    ----------
    seconds
        From the question sent to the last message received.
    size
        Bytes of all messages.
    messages
        What was received.
    """

    seconds: float
    size: int
    messages: list[ForwardMsg]

    @property
    def failures(self) -> list[str]:
        """What exceptions and error boxes say, were there any."""
        elements = [m.delta.new_element for m in self.messages if m.WhichOneof("type") == "delta"]
        kinds = [(element, element.WhichOneof("type")) for element in elements]
        return [element.exception.message for element, kind in kinds if kind == "exception"]


@dataclass
class Session:
    """One reader's session.

    Attributes
    ----------
    page
        The page's path, empty for the first.
    states
        Widget id → what was last said of it, as JSON; sent with every question.
    """

    socket: ClientConnection
    page: str
    timeout: float
    page_hash: str = ""
    states: dict[str, str] = field(default_factory=dict)
    folium_id: str = ""
    fragment_id: str = ""

    def load(self) -> Answer:
        """Run the whole page.

        Raises
        ------
        TimeoutError
            No answer in time.
        RuntimeError
            The page says that it failed.
        """
        return self._ask(ClientState(page_script_hash=self.page_hash, page_name=self.page))

    def pan(self, value: Mapping[str, Any]) -> Answer:
        """Say something as the page's folium map, and take the answer of its fragment.

        Raises
        ------
        LookupError
            The page has shown no folium map in a fragment.
        """
        if not (self.folium_id and self.fragment_id):
            raise LookupError(f"{self.page or 'the first page'} shows no map in a fragment")
        self.states[self.folium_id] = json.dumps(value)
        state = ClientState(
            page_script_hash=self.page_hash, page_name=self.page, fragment_id=self.fragment_id
        )
        return self._ask(state)

    def _ask(self, state: ClientState) -> Answer:
        for widget, said in self.states.items():
            state.widget_states.widgets.add(id=widget, json_value=said)
        start = time.perf_counter()
        self.socket.send(BackMsg(rerun_script=state).SerializeToString())
        size, messages = 0, []
        while True:
            payload = self.socket.recv(timeout=self.timeout)
            message = ForwardMsg.FromString(payload if isinstance(payload, bytes) else b"")
            size += len(payload)
            messages.append(message)
            self._note(message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in DONE:
                break
        answer = Answer(time.perf_counter() - start, size, messages)
        if answer.failures:
            raise RuntimeError("; ".join(answer.failures))
        return answer

    def _note(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "new_session":
            self.page_hash = message.new_session.page_script_hash
        elif message.WhichOneof("type") == "delta":
            shown = message.delta.new_element.component_instance
            if shown.component_name == FOLIUM:
                self.folium_id, self.fragment_id = shown.id, message.delta.fragment_id


@contextmanager
def session(base: str, page: str = "", timeout: float = 60) -> Iterator[Session]:
    """Open a session for the length of the block; nothing has run in it yet."""
    address = base.replace("http", "ws", 1) + "/_stcore/stream"
    # Without compression, so that the bytes counted are those of the messages themselves.
    with connect(
        address,
        subprotocols=[Subprotocol("streamlit")],
        compression=None,
        max_size=None,
        open_timeout=timeout,
    ) as socket:
        yield Session(socket, page, timeout)
