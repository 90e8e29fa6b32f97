//! The list of all fields: Wireshark's names, types and titles, and our own behind them.

use super::Kind::{self, *};

macro_rules! fields {
    ($($id:ident = $name:literal, $kind:ident, $title:literal;)*) => {
        /// A field, by number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Field {
            $(
                #[doc = concat!("`", $name, "`: ", $title)]
                $id
            ),*
        }

        /// Every field, in the order of their numbers.
        pub static FIELDS: &[Spec] = &[
            $(Spec { field: Field::$id, name: $name, kind: $kind, title: $title }),*
        ];
    };
}

/// A field as it is listed.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its number.
    pub field: Field,
    /// Wireshark's name of it.
    pub name: &'static str,
    /// What values it has.
    pub kind: Kind,
    /// In words, as Wireshark says them.
    pub title: &'static str,
}

impl Field {
    /// How it is listed.
    pub fn spec(self) -> &'static Spec {
        &FIELDS[self as usize]
    }

    /// Whether it is ours, and not Wireshark's.
    pub fn is_ours(self) -> bool {
        self >= Field::Step
    }

    /// The field of that name. Case counts, as in Wireshark.
    pub fn named(name: &str) -> Option<Field> {
        FIELDS.iter().find(|spec| spec.name == name).map(|spec| spec.field)
    }
}

fields! {
    // Frame.
    Frame = "frame", Protocol, "Frame";
    FrameCapLen = "frame.cap_len", U32, "Frame length stored into the capture file";
    FrameComment = "frame.comment", Text, "Comment";
    FrameEncapType = "frame.encap_type", I32, "Encapsulation type";
    FrameInterfaceDescription = "frame.interface_description", Text, "Interface description";
    FrameInterfaceId = "frame.interface_id", U32, "Interface id";
    FrameInterfaceName = "frame.interface_name", Text, "Interface name";
    FrameLen = "frame.len", U32, "Frame length on the wire";
    FrameNumber = "frame.number", U32, "Frame Number";
    FrameProtocols = "frame.protocols", Text, "Protocols in frame";
    FrameSectionNumber = "frame.section_number", U32, "Section number";
    FrameTime = "frame.time", Time, "Arrival Time";
    FrameTimeDelta = "frame.time_delta", Duration, "Time delta from previous captured frame";
    FrameTimeEpoch = "frame.time_epoch", Duration, "Epoch Time";
    FrameTimeRelative = "frame.time_relative", Duration, "Time since reference or first frame";
    // Ethernet.
    Eth = "eth", Protocol, "Ethernet";
    EthAddr = "eth.addr", Ether, "Address";
    EthDst = "eth.dst", Ether, "Destination";
    EthDstIg = "eth.dst.ig", Boolean, "IG bit";
    EthDstLg = "eth.dst.lg", Boolean, "LG bit";
    EthIg = "eth.ig", Boolean, "IG bit";
    EthLg = "eth.lg", Boolean, "LG bit";
    EthSrc = "eth.src", Ether, "Source";
    EthSrcIg = "eth.src.ig", Boolean, "IG bit";
    EthSrcLg = "eth.src.lg", Boolean, "LG bit";
    EthType = "eth.type", U16, "Type";
    // Address Resolution Protocol.
    Arp = "arp", Protocol, "Address Resolution Protocol";
    ArpDstHwMac = "arp.dst.hw_mac", Ether, "Target MAC address";
    ArpDstProtoIpv4 = "arp.dst.proto_ipv4", Ipv4, "Target IP address";
    ArpHwSize = "arp.hw.size", U8, "Hardware size";
    ArpHwType = "arp.hw.type", U16, "Hardware type";
    ArpOpcode = "arp.opcode", U16, "Opcode";
    ArpProtoSize = "arp.proto.size", U8, "Protocol size";
    ArpProtoType = "arp.proto.type", U16, "Protocol type";
    ArpSrcHwMac = "arp.src.hw_mac", Ether, "Sender MAC address";
    ArpSrcProtoIpv4 = "arp.src.proto_ipv4", Ipv4, "Sender IP address";
    // Internet Protocol Version 4.
    Ip = "ip", Protocol, "Internet Protocol Version 4";
    IpAddr = "ip.addr", Ipv4, "Source or Destination Address";
    IpChecksum = "ip.checksum", U16, "Header Checksum";
    IpChecksumStatus = "ip.checksum.status", U8, "Header checksum status";
    IpDsfield = "ip.dsfield", U8, "Differentiated Services Field";
    IpDsfieldDscp = "ip.dsfield.dscp", U8, "Differentiated Services Codepoint";
    IpDsfieldEcn = "ip.dsfield.ecn", U8, "Explicit Congestion Notification";
    IpDst = "ip.dst", Ipv4, "Destination Address";
    IpDstHost = "ip.dst_host", Text, "Destination Host";
    IpFlags = "ip.flags", U8, "Flags";
    IpFlagsDf = "ip.flags.df", Boolean, "Don't fragment";
    IpFlagsMf = "ip.flags.mf", Boolean, "More fragments";
    IpFlagsRb = "ip.flags.rb", Boolean, "Reserved bit";
    IpFragOffset = "ip.frag_offset", U16, "Fragment Offset";
    IpHdrLen = "ip.hdr_len", U8, "Header Length";
    IpHost = "ip.host", Text, "Source or Destination Host";
    IpId = "ip.id", U16, "Identification";
    IpLen = "ip.len", U16, "Total Length";
    IpProto = "ip.proto", U8, "Protocol";
    IpSrc = "ip.src", Ipv4, "Source Address";
    IpSrcHost = "ip.src_host", Text, "Source Host";
    IpTtl = "ip.ttl", U8, "Time to Live";
    IpVersion = "ip.version", U8, "Version";
    // Internet Control Message Protocol.
    Icmp = "icmp", Protocol, "Internet Control Message Protocol";
    IcmpChecksum = "icmp.checksum", U16, "Checksum";
    IcmpChecksumStatus = "icmp.checksum.status", U8, "Checksum Status";
    IcmpCode = "icmp.code", U8, "Code";
    IcmpType = "icmp.type", U8, "Type";
    // User Datagram Protocol.
    Udp = "udp", Protocol, "User Datagram Protocol";
    UdpChecksum = "udp.checksum", U16, "Checksum";
    UdpChecksumStatus = "udp.checksum.status", U8, "Checksum Status";
    UdpDstport = "udp.dstport", U16, "Destination Port";
    UdpLength = "udp.length", U16, "Length";
    UdpPayload = "udp.payload", Bytes, "Payload";
    UdpPort = "udp.port", U16, "Source or Destination Port";
    UdpSrcport = "udp.srcport", U16, "Source Port";
    UdpStream = "udp.stream", U32, "Stream index";
    UdpTimeDelta = "udp.time_delta", Duration, "Time since previous frame";
    UdpTimeRelative = "udp.time_relative", Duration, "Time since first frame";
    // Transmission Control Protocol.
    Tcp = "tcp", Protocol, "Transmission Control Protocol";
    TcpAck = "tcp.ack", U32, "Acknowledgment Number";
    TcpAckRaw = "tcp.ack_raw", U32, "Acknowledgment number (raw)";
    TcpAnalysis = "tcp.analysis", Label, "SEQ/ACK analysis";
    TcpAnalysisAckLostSegment = "tcp.analysis.ack_lost_segment", Label, "ACKed segment that wasn't captured (common at capture start)";
    TcpAnalysisAckRtt = "tcp.analysis.ack_rtt", Duration, "The RTT to ACK the segment was";
    TcpAnalysisAcksFrame = "tcp.analysis.acks_frame", FrameNumber, "This is an ACK to the segment in frame";
    TcpAnalysisBytesInFlight = "tcp.analysis.bytes_in_flight", U32, "Bytes in flight";
    TcpAnalysisDuplicateAck = "tcp.analysis.duplicate_ack", Label, "Duplicate ACK";
    TcpAnalysisDuplicateAckFrame = "tcp.analysis.duplicate_ack_frame", FrameNumber, "Duplicate to the ACK in frame";
    TcpAnalysisDuplicateAckNum = "tcp.analysis.duplicate_ack_num", U32, "Duplicate ACK #";
    TcpAnalysisFastRetransmission = "tcp.analysis.fast_retransmission", Label, "This frame is a (suspected) fast retransmission";
    TcpAnalysisFlags = "tcp.analysis.flags", Label, "TCP Analysis Flags";
    TcpAnalysisInitialRtt = "tcp.analysis.initial_rtt", Duration, "iRTT";
    TcpAnalysisKeepAlive = "tcp.analysis.keep_alive", Label, "TCP keep-alive segment";
    TcpAnalysisKeepAliveAck = "tcp.analysis.keep_alive_ack", Label, "ACK to a TCP keep-alive segment";
    TcpAnalysisLostSegment = "tcp.analysis.lost_segment", Label, "Previous segment(s) not captured (common at capture start)";
    TcpAnalysisOutOfOrder = "tcp.analysis.out_of_order", Label, "This frame is a (suspected) out-of-order segment";
    TcpAnalysisPushBytesSent = "tcp.analysis.push_bytes_sent", U32, "Bytes sent since last PSH flag";
    TcpAnalysisRetransmission = "tcp.analysis.retransmission", Label, "This frame is a (suspected) retransmission";
    TcpAnalysisRto = "tcp.analysis.rto", Duration, "The RTO for this segment was";
    TcpAnalysisRtoFrame = "tcp.analysis.rto_frame", FrameNumber, "RTO based on delta from frame";
    TcpAnalysisSpuriousRetransmission = "tcp.analysis.spurious_retransmission", Label, "This frame is a (suspected) spurious retransmission";
    TcpAnalysisWindowFull = "tcp.analysis.window_full", Label, "TCP window specified by the receiver is now completely full";
    TcpAnalysisWindowUpdate = "tcp.analysis.window_update", Label, "TCP window update";
    TcpAnalysisZeroWindow = "tcp.analysis.zero_window", Label, "TCP Zero Window segment";
    TcpAnalysisZeroWindowProbe = "tcp.analysis.zero_window_probe", Label, "TCP Zero Window Probe";
    TcpAnalysisZeroWindowProbeAck = "tcp.analysis.zero_window_probe_ack", Label, "ACK to a TCP Zero Window Probe";
    TcpChecksum = "tcp.checksum", U16, "Checksum";
    TcpChecksumStatus = "tcp.checksum.status", U8, "Checksum Status";
    TcpCompleteness = "tcp.completeness", U8, "Conversation completeness";
    TcpConnectionFin = "tcp.connection.fin", Label, "Connection finish (FIN)";
    TcpConnectionFinActive = "tcp.connection.fin_active", Label, "This frame initiates the connection closing";
    TcpConnectionFinPassive = "tcp.connection.fin_passive", Label, "This frame undergoes the connection closing";
    TcpConnectionRst = "tcp.connection.rst", Label, "Connection reset (RST)";
    TcpConnectionSyn = "tcp.connection.syn", Label, "Connection establish request (SYN)";
    TcpConnectionSynack = "tcp.connection.synack", Label, "Connection establish acknowledge (SYN+ACK)";
    TcpDstport = "tcp.dstport", U16, "Destination Port";
    TcpFlags = "tcp.flags", U16, "Flags";
    TcpFlagsAck = "tcp.flags.ack", Boolean, "Acknowledgment";
    TcpFlagsAe = "tcp.flags.ae", Boolean, "Accurate ECN";
    TcpFlagsCwr = "tcp.flags.cwr", Boolean, "Congestion Window Reduced";
    TcpFlagsEce = "tcp.flags.ece", Boolean, "ECN-Echo";
    TcpFlagsFin = "tcp.flags.fin", Boolean, "Fin";
    TcpFlagsPush = "tcp.flags.push", Boolean, "Push";
    TcpFlagsRes = "tcp.flags.res", Boolean, "Reserved";
    TcpFlagsReset = "tcp.flags.reset", Boolean, "Reset";
    TcpFlagsStr = "tcp.flags.str", Text, "TCP Flags";
    TcpFlagsSyn = "tcp.flags.syn", Boolean, "Syn";
    TcpFlagsUrg = "tcp.flags.urg", Boolean, "Urgent";
    TcpHdrLen = "tcp.hdr_len", U8, "Header Length";
    TcpLen = "tcp.len", U32, "TCP Segment Len";
    TcpNxtseq = "tcp.nxtseq", U32, "Next Sequence Number";
    TcpOptionKind = "tcp.option_kind", U8, "Kind";
    TcpOptionLen = "tcp.option_len", U8, "Length";
    TcpOptions = "tcp.options", Bytes, "TCP Options";
    TcpOptionsMss = "tcp.options.mss", Protocol, "TCP Option - Maximum segment size";
    TcpOptionsMssVal = "tcp.options.mss_val", U16, "MSS Value";
    TcpOptionsSackCount = "tcp.options.sack.count", U8, "TCP SACK Count";
    TcpOptionsSack = "tcp.options.sack", Protocol, "TCP Option - SACK";
    TcpOptionsSackPerm = "tcp.options.sack_perm", Protocol, "TCP Option - SACK permitted";
    TcpOptionsSackLe = "tcp.options.sack_le", U32, "TCP SACK Left Edge";
    TcpOptionsSackRe = "tcp.options.sack_re", U32, "TCP SACK Right Edge";
    TcpPayload = "tcp.payload", Bytes, "TCP payload";
    TcpPort = "tcp.port", U16, "Source or Destination Port";
    TcpReassembledData = "tcp.reassembled.data", Bytes, "Reassembled TCP Data";
    TcpReassembledLength = "tcp.reassembled.length", U32, "Reassembled TCP length";
    TcpReassembledIn = "tcp.reassembled_in", FrameNumber, "Reassembled PDU in frame";
    TcpSegment = "tcp.segment", FrameNumber, "TCP Segment";
    TcpSegmentCount = "tcp.segment.count", U32, "Segment count";
    TcpSegmentData = "tcp.segment_data", Bytes, "TCP segment data";
    TcpSegments = "tcp.segments", Label, "Reassembled TCP Segments";
    TcpSeq = "tcp.seq", U32, "Sequence Number";
    TcpSeqRaw = "tcp.seq_raw", U32, "Sequence Number (raw)";
    TcpSrcport = "tcp.srcport", U16, "Source Port";
    TcpStream = "tcp.stream", U32, "Stream index";
    TcpTimeDelta = "tcp.time_delta", Duration, "Time since previous frame in this TCP stream";
    TcpTimeRelative = "tcp.time_relative", Duration, "Time since first frame in this TCP stream";
    TcpUrgentPointer = "tcp.urgent_pointer", U16, "Urgent Pointer";
    TcpWindowSize = "tcp.window_size", U32, "Calculated window size";
    TcpWindowSizeScalefactor = "tcp.window_size_scalefactor", I32, "Window size scaling factor";
    TcpWindowSizeValue = "tcp.window_size_value", U16, "Window";
    // Domain Name System.
    Dns = "dns", Protocol, "Domain Name System";
    DnsA = "dns.a", Ipv4, "Address";
    DnsCname = "dns.cname", Text, "CNAME";
    DnsCountAddRr = "dns.count.add_rr", U16, "Additional RRs";
    DnsCountAnswers = "dns.count.answers", U16, "Answer RRs";
    DnsCountAuthRr = "dns.count.auth_rr", U16, "Authority RRs";
    DnsCountLabels = "dns.count.labels", U16, "Label Count";
    DnsCountQueries = "dns.count.queries", U16, "Questions";
    DnsFlags = "dns.flags", U16, "Flags";
    DnsFlagsAuthenticated = "dns.flags.authenticated", Boolean, "Answer authenticated";
    DnsFlagsAuthoritative = "dns.flags.authoritative", Boolean, "Authoritative";
    DnsFlagsCheckdisable = "dns.flags.checkdisable", Boolean, "Non-authenticated data";
    DnsFlagsOpcode = "dns.flags.opcode", U16, "Opcode";
    DnsFlagsRcode = "dns.flags.rcode", U16, "Reply code";
    DnsFlagsRecavail = "dns.flags.recavail", Boolean, "Recursion available";
    DnsFlagsRecdesired = "dns.flags.recdesired", Boolean, "Recursion desired";
    DnsFlagsResponse = "dns.flags.response", Boolean, "Response";
    DnsFlagsTruncated = "dns.flags.truncated", Boolean, "Truncated";
    DnsFlagsZ = "dns.flags.z", Boolean, "Z";
    DnsId = "dns.id", U16, "Transaction ID";
    DnsLength = "dns.length", U16, "Length";
    DnsMxMailExchange = "dns.mx.mail_exchange", Text, "Mail Exchange";
    DnsMxPreference = "dns.mx.preference", U16, "Preference";
    DnsNs = "dns.ns", Text, "Name Server";
    DnsPtrDomainName = "dns.ptr.domain_name", Text, "Domain Name";
    DnsQryClass = "dns.qry.class", U16, "Class";
    DnsQryName = "dns.qry.name", Text, "Name";
    DnsQryNameLen = "dns.qry.name.len", U16, "Name Length";
    DnsQryType = "dns.qry.type", U16, "Type";
    DnsRespClass = "dns.resp.class", U16, "Class";
    DnsRespLen = "dns.resp.len", U16, "Data length";
    DnsRespName = "dns.resp.name", Text, "Name";
    DnsRespTtl = "dns.resp.ttl", U32, "Time to live";
    DnsRespType = "dns.resp.type", U16, "Type";
    DnsResponseIn = "dns.response_in", FrameNumber, "Response In";
    DnsResponseTo = "dns.response_to", FrameNumber, "Request In";
    DnsSoaExpireLimit = "dns.soa.expire_limit", U32, "Expire limit";
    DnsSoaMinimumTtl = "dns.soa.minimum_ttl", U32, "Minimum TTL";
    DnsSoaMname = "dns.soa.mname", Text, "Primary name server";
    DnsSoaRefreshInterval = "dns.soa.refresh_interval", U32, "Refresh Interval";
    DnsSoaRetryInterval = "dns.soa.retry_interval", U32, "Retry Interval";
    DnsSoaRname = "dns.soa.rname", Text, "Responsible authority's mailbox";
    DnsSoaSerialNumber = "dns.soa.serial_number", U32, "Serial Number";
    DnsTime = "dns.time", Duration, "Time";
    DnsTxt = "dns.txt", Text, "TXT";
    DnsTxtLength = "dns.txt.length", U8, "TXT Length";
    // Transport Layer Security.
    Tls = "tls", Protocol, "Transport Layer Security";
    TlsAlertMessage = "tls.alert_message", Label, "Alert Message";
    TlsAlertMessageDesc = "tls.alert_message.desc", U8, "Description";
    TlsAlertMessageLevel = "tls.alert_message.level", U8, "Level";
    TlsAppData = "tls.app_data", Bytes, "Encrypted Application Data";
    TlsChangeCipherSpec = "tls.change_cipher_spec", Label, "Change Cipher Spec Message";
    TlsHandshake = "tls.handshake", Label, "Handshake Protocol";
    TlsHandshakeCiphersuite = "tls.handshake.ciphersuite", U16, "Cipher Suite";
    TlsHandshakeExtensionsServerName = "tls.handshake.extensions_server_name", Text, "Server Name";
    TlsHandshakeRandom = "tls.handshake.random", Bytes, "Random";
    TlsHandshakeType = "tls.handshake.type", U8, "Handshake Message Type";
    TlsHandshakeVersion = "tls.handshake.version", U16, "Version";
    TlsRecordContentType = "tls.record.content_type", U8, "Content Type";
    TlsRecordLength = "tls.record.length", U16, "Length";
    TlsRecordOpaqueType = "tls.record.opaque_type", U8, "Opaque Type";
    TlsRecordVersion = "tls.record.version", U16, "Version";
    // Simple Mail Transfer Protocol.
    Smtp = "smtp", Protocol, "Simple Mail Transfer Protocol";
    SmtpAuthPassword = "smtp.auth.password", Text, "Password";
    SmtpAuthUsername = "smtp.auth.username", Text, "Username";
    SmtpAuthUsernamePassword = "smtp.auth.username_password", Text, "Username/Password";
    SmtpBase64Decode = "smtp.base64_decode", Label, "base64 decode failed or is not enabled (check SMTP preferences)";
    SmtpCommandLine = "smtp.command_line", Text, "Command Line";
    SmtpDataFragment = "smtp.data.fragment", FrameNumber, "DATA fragment";
    SmtpDataFragmentCount = "smtp.data.fragment.count", U32, "DATA fragment count";
    SmtpDataFragments = "smtp.data.fragments", Label, "DATA fragments";
    SmtpDataReassembledIn = "smtp.data.reassembled.in", FrameNumber, "Reassembled DATA in frame";
    SmtpDataReassembledLength = "smtp.data.reassembled.length", U32, "Reassembled DATA length";
    SmtpEom = "smtp.eom", Label, "EOM";
    SmtpReq = "smtp.req", Boolean, "Request";
    SmtpReqCommand = "smtp.req.command", Text, "Command";
    SmtpReqParameter = "smtp.req.parameter", Text, "Request parameter";
    SmtpResponse = "smtp.response", Text, "Response";
    SmtpResponseCode = "smtp.response.code", U32, "Response code";
    SmtpRsp = "smtp.rsp", Boolean, "Response";
    SmtpRspParameter = "smtp.rsp.parameter", Text, "Response parameter";
    // Internet Message Format.
    Imf = "imf", Protocol, "Internet Message Format";
    ImfAddress = "imf.address", Text, "Address";
    ImfAddressListItem = "imf.address_list.item", Text, "Item";
    ImfBcc = "imf.bcc", Text, "Bcc";
    ImfCc = "imf.cc", Text, "Cc";
    ImfComments = "imf.comments", Text, "Comments";
    ImfContentDescription = "imf.content.description", Text, "Content-Description";
    ImfContentId = "imf.content.id", Text, "Content-ID";
    ImfContentTransferEncoding = "imf.content.transfer_encoding", Text, "Content-Transfer-Encoding";
    ImfContentType = "imf.content.type", Text, "Content-Type";
    ImfContentTypeParameters = "imf.content.type.parameters", Text, "Parameters";
    ImfContentTypeType = "imf.content.type.type", Text, "Type";
    ImfDate = "imf.date", Text, "Date";
    ImfDeliveredTo = "imf.delivered_to", Text, "Delivered-To";
    ImfDisplayName = "imf.display_name", Text, "Display-Name";
    ImfExtension = "imf.extension", Text, "Unknown-Extension";
    ImfExtensionType = "imf.extension.type", Text, "Type";
    ImfExtensionValue = "imf.extension.value", Text, "Value";
    ImfFrom = "imf.from", Text, "From";
    ImfInReplyTo = "imf.in_reply_to", Text, "In-Reply-To";
    ImfKeywords = "imf.keywords", Text, "Keywords";
    ImfMailboxListItem = "imf.mailbox_list.item", Text, "Item";
    ImfMessageId = "imf.message_id", Text, "Message-ID";
    ImfMimeVersion = "imf.mime_version", Text, "MIME-Version";
    ImfReceived = "imf.received", Text, "Received";
    ImfReferences = "imf.references", Text, "References";
    ImfReplyTo = "imf.reply_to", Text, "Reply-To";
    ImfReturnPath = "imf.return_path", Text, "Return-Path";
    ImfSender = "imf.sender", Text, "Sender";
    ImfSubject = "imf.subject", Text, "Subject";
    ImfTo = "imf.to", Text, "To";
    // MIME Multipart Media Encapsulation.
    MimeMultipart = "mime_multipart", Protocol, "MIME Multipart Media Encapsulation";
    MimeMultipartBoundary = "mime_multipart.boundary", Text, "Boundary";
    MimeMultipartFirstBoundary = "mime_multipart.first_boundary", Text, "First boundary";
    MimeMultipartHeaderContentDisposition = "mime_multipart.header.content-disposition", Text, "Content-Disposition";
    MimeMultipartHeaderContentTransferEncoding = "mime_multipart.header.content-transfer-encoding", Text, "Content-Transfer-Encoding";
    MimeMultipartHeaderContentType = "mime_multipart.header.content-type", Text, "Content-Type";
    MimeMultipartLastBoundary = "mime_multipart.last_boundary", Text, "Last boundary";
    MimeMultipartPart = "mime_multipart.part", Text, "Encapsulated multipart part";
    MimeMultipartType = "mime_multipart.type", Text, "Type";
    // Line-based text data.
    DataTextLines = "data-text-lines", Protocol, "Line-based text data";
    // Media Type.
    Media = "media", Protocol, "Media Type";
    MediaType = "media.type", Bytes, "Media type";
    // Internet Message Access Protocol.
    Imap = "imap", Protocol, "Internet Message Access Protocol";
    ImapCommand = "imap.command", Text, "Command";
    ImapIsrequest = "imap.isrequest", Boolean, "Request";
    ImapLine = "imap.line", Text, "Line";
    ImapRequest = "imap.request", Text, "Request";
    ImapRequestCommand = "imap.request.command", Text, "Request Command";
    ImapRequestCommandUid = "imap.request.command.uid", Boolean, "Request isUID";
    ImapRequestFolder = "imap.request.folder", Text, "Request Folder";
    ImapRequestPassword = "imap.request.password", Text, "Request Password";
    ImapRequestUsername = "imap.request.username", Text, "Request Username";
    ImapRequestTag = "imap.request_tag", Text, "Request Tag";
    ImapResponse = "imap.response", Text, "Response";
    ImapResponseCommand = "imap.response.command", Text, "Response Command";
    ImapResponseStatus = "imap.response.status", Text, "Response Status";
    ImapResponseIn = "imap.response_in", FrameNumber, "Response In";
    ImapResponseTag = "imap.response_tag", Text, "Response Tag";
    ImapResponseTo = "imap.response_to", FrameNumber, "Request In";
    ImapTag = "imap.tag", Text, "Tag";
    ImapTime = "imap.time", Duration, "Response Time";
    // Post Office Protocol.
    Pop = "pop", Protocol, "Post Office Protocol";
    PopDataFragment = "pop.data.fragment", FrameNumber, "DATA fragment";
    PopDataFragmentCount = "pop.data.fragment.count", U32, "DATA fragment count";
    PopDataFragments = "pop.data.fragments", Label, "DATA fragments";
    PopDataReassembledIn = "pop.data.reassembled.in", FrameNumber, "Reassembled DATA in frame";
    PopDataReassembledLength = "pop.data.reassembled.length", U32, "Reassembled DATA length";
    PopRequest = "pop.request", Text, "Request";
    PopRequestCommand = "pop.request.command", Text, "Request command";
    PopRequestData = "pop.request.data", Text, "Data";
    PopRequestParameter = "pop.request.parameter", Text, "Request parameter";
    PopResponse = "pop.response", Text, "Response";
    PopResponseData = "pop.response.data", Text, "Data";
    PopResponseDescription = "pop.response.description", Text, "Response description";
    PopResponseIndicator = "pop.response.indicator", Text, "Response indicator";
    // Hypertext Transfer Protocol.
    Http = "http", Protocol, "Hypertext Transfer Protocol";
    HttpAccept = "http.accept", Text, "Accept";
    HttpAcceptEncoding = "http.accept_encoding", Text, "Accept Encoding";
    HttpAcceptLanguage = "http.accept_language", Text, "Accept-Language";
    HttpAuthorization = "http.authorization", Text, "Authorization";
    HttpCacheControl = "http.cache_control", Text, "Cache-Control";
    HttpChunkBoundary = "http.chunk_boundary", Bytes, "Chunk boundary";
    HttpChunkData = "http.chunk_data", Bytes, "Chunk data";
    HttpChunkSize = "http.chunk_size", U32, "Chunk size";
    HttpConnection = "http.connection", Text, "Connection";
    HttpContentEncoding = "http.content_encoding", Text, "Content-Encoding";
    HttpContentLength = "http.content_length", U64, "Content length";
    HttpContentLengthHeader = "http.content_length_header", Text, "Content-Length";
    HttpContentType = "http.content_type", Text, "Content-Type";
    HttpCookie = "http.cookie", Text, "Cookie";
    HttpCookiePair = "http.cookie_pair", Text, "Cookie pair";
    HttpDate = "http.date", Text, "Date";
    HttpFileData = "http.file_data", Text, "File Data";
    HttpHost = "http.host", Text, "Host";
    HttpLastModified = "http.last_modified", Text, "Last-Modified";
    HttpLocation = "http.location", Text, "Location";
    HttpNextRequestIn = "http.next_request_in", FrameNumber, "Next request in frame";
    HttpNextResponseIn = "http.next_response_in", FrameNumber, "Next response in frame";
    HttpPrevRequestIn = "http.prev_request_in", FrameNumber, "Prev request in frame";
    HttpPrevResponseIn = "http.prev_response_in", FrameNumber, "Prev response in frame";
    HttpReferer = "http.referer", Text, "Referer";
    HttpRequest = "http.request", Boolean, "Request";
    HttpRequestFullUri = "http.request.full_uri", Text, "Full request URI";
    HttpRequestLine = "http.request.line", Text, "Request line";
    HttpRequestMethod = "http.request.method", Text, "Request Method";
    HttpRequestUri = "http.request.uri", Text, "Request URI";
    HttpRequestVersion = "http.request.version", Text, "Request Version";
    HttpRequestIn = "http.request_in", FrameNumber, "Request in frame";
    HttpRequestNumber = "http.request_number", U32, "Request number";
    HttpResponse = "http.response", Boolean, "Response";
    HttpResponseCode = "http.response.code", U16, "Status Code";
    HttpResponseCodeDesc = "http.response.code.desc", Text, "Status Code Description";
    HttpResponseLine = "http.response.line", Text, "Response line";
    HttpResponsePhrase = "http.response.phrase", Text, "Response Phrase";
    HttpResponseVersion = "http.response.version", Text, "Response Version";
    HttpResponseForUri = "http.response_for.uri", Text, "Request URI";
    HttpResponseIn = "http.response_in", FrameNumber, "Response in frame";
    HttpResponseNumber = "http.response_number", U32, "Response number";
    HttpServer = "http.server", Text, "Server";
    HttpSetCookie = "http.set_cookie", Text, "Set-Cookie";
    HttpTime = "http.time", Duration, "Time since request";
    HttpTransferEncoding = "http.transfer_encoding", Text, "Transfer-Encoding";
    HttpUserAgent = "http.user_agent", Text, "User-Agent";
    // HTML Form URL Encoded.
    UrlencodedForm = "urlencoded-form", Protocol, "HTML Form URL Encoded";
    UrlencodedFormKey = "urlencoded-form.key", Text, "Key";
    UrlencodedFormValue = "urlencoded-form.value", Text, "Value";
    // Data.
    Data = "data", Protocol, "Data";
    DataData = "data.data", Bytes, "Data";
    DataLen = "data.len", I32, "Length";
    // What Mailpath itself says of packets and of what happens in hosts.
    Step = "step", U8, "Step of the story";
    Phase = "phase", Text, "Phase of the conversation: connect, handshaking, transfer, closure, disconnect, open";
    Event = "event", Text, "Kind of event, as in the record: queue.enter, mailbox.store";
    Host = "host", Text, "Host at which it happens, or that sent the packet";
    Queue = "queue", Label, "Something happens in an outgoing queue";
    QueueEvent = "queue.event", Text, "What: enter, attempt, defer, leave";
    QueueEntry = "queue.entry", U32, "Number of the entry of the queue";
    QueueMsg = "queue.msg", Text, "Message-ID";
    QueueDomain = "queue.domain", Text, "Domain to which it goes";
    QueueAttempt = "queue.attempt", U32, "Number of the attempt";
    QueueReason = "queue.reason", Text, "Why it was put off, or given up";
    QueueCode = "queue.code", U16, "Reply code that put it off";
    QueueKind = "queue.kind", Text, "How it left: sent, bounced, expired";
    Mailbox = "mailbox", Label, "Something happens in a mailbox";
    MailboxEvent = "mailbox.event", Text, "What: store, flag, expunge, create, delete";
    MailboxUser = "mailbox.user", Text, "Whose mailbox";
    MailboxFolder = "mailbox.folder", Text, "Folder";
    MailboxUid = "mailbox.uid", U32, "Unique identifier of the mail";
    MailboxMsg = "mailbox.msg", Text, "Message-ID";
    MailboxBytes = "mailbox.bytes", U32, "Size of the mail";
    Mail = "mail", Label, "A user agent or a mail server takes, writes or reads a mail";
    MailEvent = "mail.event", Text, "What: compose, sent, read, accept, create (of a bounce)";
    MailUser = "mail.user", Text, "Whose";
    MailMsg = "mail.msg", Text, "Message-ID";
    MailFrom = "mail.from", Text, "Sender";
    MailTo = "mail.to", Text, "Recipients";
    MailSubject = "mail.subject", Text, "Subject";
    MailBytes = "mail.bytes", U32, "Size";
}
